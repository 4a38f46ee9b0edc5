// The English catalogue, and with it the type of every other one. A section belongs to one area of the app.

import { first } from "./en/first";
import { rest } from "./en/rest";

export const en = { ...first, ...rest };

export type Texts = typeof en;
