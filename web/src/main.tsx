import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/components.css";
import "./styles/page.css";
import "./styles/shell.css";
import "./styles/print.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { keepShell } from "./app/build";
import { takeLinks } from "./app/link";
import { begin } from "./app/vaultStore";
import { failureOf } from "./vault";
import { toast } from "./ui";

const place = document.getElementById("root");
if (place === null) throw new Error("index.html has no #root");

takeLinks();
// What is not needed yet is fetched for later when the first screen is there.
void begin()
  .then(keepShell)
  .catch((error: unknown) => toast(failureOf(error).message, "bad"));
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
