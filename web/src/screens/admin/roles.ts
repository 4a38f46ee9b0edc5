import type { Texts } from "../../texts";
import type { Option } from "../../ui";
import type { Role } from "../../vault";

/** Each may do what the ones before it may. */
export const ROLES: readonly Role[] = ["reader", "clinician", "officer", "admin"];

/** Every role with what it means. */
export function roleOptions({ admin, common }: Texts): Option<Role>[] {
  return ROLES.map((role) => ({ id: role, label: common.roles[role], description: admin.roles[role] }));
}
