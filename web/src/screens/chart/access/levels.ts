import type { Texts } from "../../../texts";
import type { Option } from "../../../ui";
import type { Access } from "../../../vault";
import { LEVELS } from "./people";

/** How far access can go, each with what it means. */
export function levelOptions({ common, share }: Texts): Option<Access>[] {
  return LEVELS.map((access) => ({ id: access, label: common.access[access], description: share.levels[access] }));
}
