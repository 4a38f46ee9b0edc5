// What the German catalogue has for the screens before anybody has unlocked.

import type { FirstTexts } from "../en/first";
import { app } from "./app";
import { common } from "./common";
import { enrol } from "./enrol";
import { errors } from "./errors";
import { unlock } from "./unlock";

export const first: FirstTexts = { common, app, enrol, unlock, errors };
