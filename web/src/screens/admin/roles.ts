import type { Texts } from "../../texts";
import { choices, type Option } from "../../ui";
import type { Role } from "../../vault";

/** Each may do what the ones before it may. */
export const ROLES: readonly Role[] = ["reader", "clinician", "officer", "admin"];

/** Every role with what it means. */
export function roleOptions({ admin, common }: Texts): Option<Role>[] {
  return choices(ROLES, common.roles, admin.roles);
}
