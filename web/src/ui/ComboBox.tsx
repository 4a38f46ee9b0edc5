import type { ReactNode } from "react";
import { Button, ComboBox as AriaComboBox, Input, Label, Popover, Text } from "react-aria-components";
import { useTexts } from "../texts";
import { Icon } from "./Icon";
import { type Option, OptionList } from "./options";

export interface ComboBoxProps<Id extends string> {
  label: string;
  options: readonly Option<Id>[];
  value: Id | null;
  /** `null` when the choice was taken back. */
  onChange(value: Id | null): void;
  description?: ReactNode;
  disabled?: boolean;
}

/** For a choice of one among many: typing narrows the list. */
export function ComboBox<Id extends string>({ label, options, value, onChange, description, disabled = false }: ComboBoxProps<Id>) {
  const texts = useTexts().common;
  return (
    <AriaComboBox
      className="field"
      value={value}
      onChange={(key) => onChange(options.find((option) => option.id === key)?.id ?? null)}
      allowsEmptyCollection
      menuTrigger="focus"
      isDisabled={disabled}
    >
      <Label className="label">{label}</Label>
      {description !== undefined && <Text slot="description" className="description">{description}</Text>}
      <div className="input-box">
        <Input className="input" autoComplete="off" spellCheck="false" />
        <Button className="button button-quiet button-icon">
          <Icon name="chevronDown" label={texts.choose} />
        </Button>
      </div>
      <Popover className="popover popover-field">
        <OptionList options={options} />
      </Popover>
    </AriaComboBox>
  );
}
