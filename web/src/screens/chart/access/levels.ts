import type { Texts } from "../../../texts";
import { choices, type Option } from "../../../ui";
import type { Access } from "../../../vault";
import { LEVELS } from "./people";

/** How far access can go, each with what it means. */
export function levelOptions({ common, share }: Texts): Option<Access>[] {
  return choices(LEVELS, common.access, share.levels);
}
