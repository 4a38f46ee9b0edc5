import { type ReactNode, useState } from "react";
import {
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
} from "react-aria-components";
import { useTexts } from "../texts";
import { Button } from "./Button";
import { classes } from "./classes";
import { Icon, type IconName } from "./Icon";

export interface TextFieldProps extends Omit<AriaTextFieldProps, "children" | "className" | "style" | "isInvalid"> {
  label: string;
  /** Says below the label what is to be typed. */
  description?: ReactNode;
  /** What is wrong and how to put it right; while it is given, the field is marked. */
  error?: string | undefined;
  /** Lines of a field that has several. */
  rows?: number;
  icon?: IconName;
  /** What stands behind the value: "mmHg". */
  suffix?: string;
  /** As wide as a value of so many characters. */
  chars?: number;
  /** For codes and FHIR text. */
  fixed?: boolean;
  className?: string;
}

/**
 * A labelled field for text of any type; a password gets a button that shows it. The browser keeps nothing of what is typed,
 * for it would offer it to the next person, and does not check its spelling, for which some send it away.
 */
export function TextField({
  label, description, error, rows, icon, suffix, chars, fixed = false, className, type = "text", autoComplete = "off", spellCheck = "false",
  ...props
}: TextFieldProps) {
  const texts = useTexts().common;
  const [shown, setShown] = useState(false);
  const secret = type === "password";
  const input = classes("input", fixed && "fixed");
  const width = chars === undefined ? undefined : { maxInlineSize: `${chars + 4}ch` };
  return (
    <AriaTextField
      validationBehavior="aria"
      {...props}
      type={secret && shown ? "text" : type}
      autoComplete={autoComplete}
      spellCheck={spellCheck}
      isInvalid={error !== undefined}
      className={classes("field", className)}
    >
      <Label className="label">{label}</Label>
      {description !== undefined && <Text slot="description" className="description">{description}</Text>}
      <FieldError className="field-error">
        <Icon name="alert" />
        {error}
      </FieldError>
      {rows === undefined ? (
        <div className="input-box" style={width}>
          {icon !== undefined && <Icon name={icon} />}
          <Input className={input} />
          {suffix !== undefined && <span className="input-suffix">{suffix}</span>}
          {secret && (
            <Button variant="quiet" icon={shown ? "eyeOff" : "eye"} iconOnly onPress={() => setShown(!shown)}>
              {shown ? texts.hidePassword : texts.showPassword}
            </Button>
          )}
        </div>
      ) : (
        <TextArea className={input} rows={rows} />
      )}
    </AriaTextField>
  );
}
