// The English catalogue, and with it the type of every other one. A section belongs to one area of the app.

import { admin } from "./en/admin";
import { app } from "./en/app";
import { chart } from "./en/chart";
import { common } from "./en/common";
import { conflicts } from "./en/conflicts";
import { enrol } from "./en/enrol";
import { errors } from "./en/errors";
import { files } from "./en/files";
import { patients } from "./en/patients";
import { print } from "./en/print";
import { quarantine } from "./en/quarantine";
import { share } from "./en/share";
import { sync } from "./en/sync";
import { tasks } from "./en/tasks";
import { technical } from "./en/technical";
import { unlock } from "./en/unlock";
import { vitals } from "./en/vitals";
import { write } from "./en/write";

export const en = {
  common, app, enrol, unlock, patients, chart, files, vitals, write, conflicts, tasks, sync, share, admin, quarantine, print, technical, errors,
};

export type Texts = typeof en;
