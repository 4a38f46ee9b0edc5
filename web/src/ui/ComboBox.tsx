import type { ReactNode } from "react";
import { Button, ComboBox as AriaComboBox, FieldError, Input, Label, Popover, Text } from "react-aria-components";
import { useTexts } from "../texts";
import { classes } from "./classes";
import { Icon } from "./Icon";
import { type Option, OptionList } from "./options";

export interface ComboBoxProps<Id extends string> {
  label: string;
  options: readonly Option<Id>[];
  value: Id | null;
  /** `null` when the choice was taken back. */
  onChange(value: Id | null): void;
  /** What is typed, for lists that are searched elsewhere, and for free text. */
  text?: string;
  onText?(text: string): void;
  /** Text that is in no list is taken too. */
  free?: boolean;
  description?: ReactNode;
  error?: string | undefined;
  disabled?: boolean;
  className?: string;
}

/** For a choice of one among many: typing narrows the list. */
export function ComboBox<Id extends string>({
  label, options, value, onChange, text, onText, free = false, description, error, disabled = false, className,
}: ComboBoxProps<Id>) {
  const texts = useTexts().common;
  const typed = { ...(text === undefined ? {} : { inputValue: text }), ...(onText === undefined ? {} : { onInputChange: onText }) };
  return (
    <AriaComboBox
      {...typed}
      className={classes("field", className)}
      value={value}
      onChange={(key) => onChange(options.find((option) => option.id === key)?.id ?? null)}
      allowsCustomValue={free}
      allowsEmptyCollection
      menuTrigger="focus"
      isDisabled={disabled}
      isInvalid={error !== undefined}
      validationBehavior="aria"
    >
      <Label className="label">{label}</Label>
      {description !== undefined && <Text slot="description" className="description">{description}</Text>}
      <FieldError className="field-error">
        <Icon name="alert" />
        {error}
      </FieldError>
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
