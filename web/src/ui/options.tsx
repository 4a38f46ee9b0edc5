import { ListBox, ListBoxItem, Text } from "react-aria-components";
import { useTexts } from "../texts";
import { Icon } from "./Icon";

/** One thing to choose from a list. */
export interface Option<Id extends string = string> {
  id: Id;
  label: string;
  description?: string;
}

/** Things to choose from, in their order, each with its words and with what it means where that is given. */
export function choices<Id extends string>(ids: readonly Id[], words: Record<Id, string>, meanings?: Record<Id, string>): Option<Id>[] {
  return ids.map((id) => ({ id, label: words[id], ...(meanings === undefined ? {} : { description: meanings[id] }) }));
}

/** The list that `Select` and `ComboBox` open. */
export function OptionList({ options }: { options: readonly Option[] }) {
  const texts = useTexts().common;
  return (
    <ListBox items={options} className="options" renderEmptyState={() => <p className="options-empty">{texts.noMatches}</p>}>
      {(option) => (
        <ListBoxItem id={option.id} textValue={option.label} className="option">
          <span className="option-words">
            <Text slot="label">{option.label}</Text>
            {option.description !== undefined && (
              <Text slot="description" className="description">{option.description}</Text>
            )}
          </span>
          <Icon name="check" />
        </ListBoxItem>
      )}
    </ListBox>
  );
}
