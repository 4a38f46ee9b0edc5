// The German catalogue: complete, or it does not compile.

import type { Texts } from "./en";
import { first } from "./de/first";
import { rest } from "./de/rest";

export const de: Texts = { ...first, ...rest };
