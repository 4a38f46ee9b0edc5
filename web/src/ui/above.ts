// What opens above the page. `later.tsx` loads it.

export { Confirm, Dialog } from "./Dialog";
export { Menu } from "./Menu";
export { Select } from "./Select";
