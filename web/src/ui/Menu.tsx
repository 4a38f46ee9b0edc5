import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Text } from "react-aria-components";
import { Button, type ButtonProps } from "./Button";
import { classes } from "./classes";
import { Icon, type IconName } from "./Icon";

export interface MenuEntry<Id extends string> {
  id: Id;
  label: string;
  description?: string;
  icon?: IconName;
  danger?: boolean;
}

export interface MenuProps<Id extends string> extends Omit<ButtonProps, "onPress"> {
  entries: readonly MenuEntry<Id>[];
  onAction(id: NoInfer<Id>): void;
}

/** A button that opens a list of things to do. `children` are the words of the button. */
export function Menu<Id extends string>({ entries, onAction, ...button }: MenuProps<Id>) {
  const act = (key: string | number) => {
    const entry = entries.find(({ id }) => id === key);
    if (entry !== undefined) onAction(entry.id);
  };
  return (
    <MenuTrigger>
      <Button {...button} />
      <Popover className="popover">
        <AriaMenu className="options" onAction={act}>
          {entries.map(({ id, label, description, icon, danger = false }) => (
            <MenuItem key={id} id={id} textValue={label} className={classes("option", danger && "option-danger")}>
              {icon !== undefined && <Icon name={icon} />}
              <span className="option-words">
                <Text slot="label">{label}</Text>
                {description !== undefined && <Text slot="description" className="description">{description}</Text>}
              </span>
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
