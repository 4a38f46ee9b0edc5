// What the German catalogue has for the screens behind the lock.

import type { RestOfTexts } from "../en/rest";
import { admin } from "./admin";
import { chart } from "./chart";
import { conflicts } from "./conflicts";
import { files } from "./files";
import { patients } from "./patients";
import { print } from "./print";
import { quarantine } from "./quarantine";
import { share } from "./share";
import { sync } from "./sync";
import { tasks } from "./tasks";
import { technical } from "./technical";
import { vitals } from "./vitals";
import { write } from "./write";

export const rest: RestOfTexts = {
  patients, chart, files, vitals, write, conflicts, tasks, sync, share, admin, quarantine, print, technical,
};
