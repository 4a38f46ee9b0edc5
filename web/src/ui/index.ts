// The parts that screens are made of.

export { Badge, type BadgeProps, type Tone } from "./Badge";
export { Button, type ButtonProps, FileButton, type FileButtonProps } from "./Button";
export { Card, type CardProps } from "./Card";
export { Checkbox, type OnOffProps, Radios, type RadiosProps, Switch } from "./choices";
export { classes } from "./classes";
export { ComboBox, type ComboBoxProps } from "./ComboBox";
export type { ConfirmProps, DialogProps } from "./Dialog";
export { EmptyState, type EmptyStateProps } from "./EmptyState";
export { Facts } from "./Facts";
export { FailureNotice, failureText, type Said } from "./FailureNotice";
export { Icon, type IconName, type IconProps } from "./Icon";
export { Confirm, Dialog, Menu, Select } from "./later";
export type { MenuEntry, MenuProps } from "./Menu";
export { More, type MoreProps } from "./More";
export { Notice, type NoticeProps } from "./Notice";
export { choices, type Option } from "./options";
export { PageHeader, type PageHeaderProps } from "./PageHeader";
export { ProgressBar, type ProgressBarProps } from "./ProgressBar";
export type { SelectProps } from "./Select";
export { type Column, Table, type TableProps } from "./Table";
export { type TabItem, Tabs, type TabsProps } from "./Tabs";
export { TextField, type TextFieldProps } from "./TextField";
export { toast } from "./Toast";
export { Unanswered } from "./Unanswered";
