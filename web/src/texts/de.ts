// The German catalogue: complete, or it does not compile.

import type { Texts } from "./en";
import { admin } from "./de/admin";
import { app } from "./de/app";
import { chart } from "./de/chart";
import { common } from "./de/common";
import { conflicts } from "./de/conflicts";
import { enrol } from "./de/enrol";
import { errors } from "./de/errors";
import { files } from "./de/files";
import { patients } from "./de/patients";
import { print } from "./de/print";
import { quarantine } from "./de/quarantine";
import { share } from "./de/share";
import { sync } from "./de/sync";
import { tasks } from "./de/tasks";
import { technical } from "./de/technical";
import { unlock } from "./de/unlock";
import { vitals } from "./de/vitals";
import { write } from "./de/write";

export const de: Texts = {
  common, app, enrol, unlock, patients, chart, files, vitals, write, conflicts, tasks, sync, share, admin, quarantine, print, technical, errors,
};
