// Small choices: on or off, one of a few that are all in sight.

import type { ReactNode } from "react";
import { Checkbox as AriaCheckbox, Label, Radio, RadioGroup, Switch as AriaSwitch, Text } from "react-aria-components";
import { Icon } from "./Icon";
import type { Option } from "./options";

export interface OnOffProps {
  children: ReactNode;
  selected: boolean;
  onChange(selected: boolean): void;
  disabled?: boolean;
}

/** For a setting that holds at once. */
export function Switch({ children, selected, onChange, disabled = false }: OnOffProps) {
  return (
    <AriaSwitch className="switch" isSelected={selected} onChange={onChange} isDisabled={disabled}>
      <span className="switch-track" aria-hidden="true" />
      <span>{children}</span>
    </AriaSwitch>
  );
}

/** For something that is said with the rest of a form. */
export function Checkbox({ children, selected, onChange, disabled = false }: OnOffProps) {
  return (
    <AriaCheckbox className="checkbox" isSelected={selected} onChange={onChange} isDisabled={disabled}>
      <span className="checkbox-box" aria-hidden="true">
        <Icon name="check" />
      </span>
      <span>{children}</span>
    </AriaCheckbox>
  );
}

export interface RadiosProps<Id extends string> {
  label: string;
  options: readonly Option<Id>[];
  value: Id | null;
  onChange(value: NoInfer<Id>): void;
  description?: ReactNode;
  /** Side by side, as a bar. */
  bar?: boolean;
  disabled?: boolean;
}

/** One of a few, all in sight. */
export function Radios<Id extends string>({ label, options, value, onChange, description, bar = false, disabled = false }: RadiosProps<Id>) {
  const choose = (id: string) => {
    const option = options.find((one) => one.id === id);
    if (option !== undefined) onChange(option.id);
  };
  return (
    <RadioGroup className="field" value={value} onChange={choose} isDisabled={disabled}>
      <Label className="label">{label}</Label>
      {description !== undefined && <Text slot="description" className="description">{description}</Text>}
      <div className={bar ? "radio-bar" : "radio-list"}>
        {options.map((option) => (
          <Radio key={option.id} value={option.id} className="radio">
            <span className="radio-dot" aria-hidden="true" />
            <span>
              {option.label}
              {option.description !== undefined && <span className="description"> {option.description}</span>}
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
