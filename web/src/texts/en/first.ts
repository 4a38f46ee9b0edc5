// What the English catalogue has for the screens before anybody has unlocked.

import { app } from "./app";
import { common } from "./common";
import { enrol } from "./enrol";
import { errors } from "./errors";
import { unlock } from "./unlock";

export const first = { common, app, enrol, unlock, errors };

export type FirstTexts = typeof first;
