import type { ReactNode } from "react";
import { Button, FieldError, Label, Popover, Select as AriaSelect, SelectValue, Text } from "react-aria-components";
import { useTexts } from "../texts";
import { classes } from "./classes";
import { Icon } from "./Icon";
import { type Option, OptionList } from "./options";

export interface SelectProps<Id extends string> {
  label: string;
  options: readonly Option<Id>[];
  /** `null` while nothing is chosen. */
  value: Id | null;
  onChange(value: NoInfer<Id>): void;
  description?: ReactNode;
  error?: string | undefined;
  className?: string;
}

/** For a choice of one among few. */
export function Select<Id extends string>({
  label, options, value, onChange, description, error, className,
}: SelectProps<Id>) {
  const texts = useTexts().common;
  return (
    <AriaSelect
      className={classes("field", className)}
      value={value}
      onChange={(key) => {
        const chosen = options.find((option) => option.id === key);
        if (chosen !== undefined) onChange(chosen.id);
      }}
      placeholder={texts.choose}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      // Browsers keep on disk what was chosen, to restore it after a crash, unless they are told not to.
      autoComplete="off"
    >
      <Label className="label">{label}</Label>
      {description !== undefined && <Text slot="description" className="description">{description}</Text>}
      <FieldError className="field-error">
        <Icon name="alert" />
        {error}
      </FieldError>
      <Button className="input-box select-button">
        <SelectValue className="select-value" />
        <Icon name="chevronDown" />
      </Button>
      <Popover className="popover popover-field">
        <OptionList options={options} />
      </Popover>
    </AriaSelect>
  );
}
