import type { ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from "react-aria-components";
import { Badge } from "./Badge";

export interface TabItem<Id extends string> {
  id: Id;
  label: string;
  /** A number beside the label, where it is above 0. */
  count?: number;
  content: ReactNode;
}

export interface TabsProps<Id extends string> {
  label: string;
  items: readonly TabItem<Id>[];
  selected: Id;
  onSelect(id: NoInfer<Id>): void;
}

/** Only the selected tab is built, so that a chart opens fast. */
export function Tabs<Id extends string>({ label, items, selected, onSelect }: TabsProps<Id>) {
  const select = (key: string | number) => {
    const item = items.find(({ id }) => id === key);
    if (item !== undefined) onSelect(item.id);
  };
  return (
    <AriaTabs className="tabs" selectedKey={selected} onSelectionChange={select} keyboardActivation="manual">
      <TabList aria-label={label} className="tab-list">
        {items.map(({ id, label: name, count = 0 }) => (
          <Tab key={id} id={id} className="tab">
            {name}
            {count > 0 && <Badge>{count}</Badge>}
          </Tab>
        ))}
      </TabList>
      {items.map(({ id, content }) => (
        <TabPanel key={id} id={id} className="tab-panel">{content}</TabPanel>
      ))}
    </AriaTabs>
  );
}
