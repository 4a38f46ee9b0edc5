// Short words that something was done. What a person has to act on is a Notice: a toast goes away by itself.

import { useEffect, useSyncExternalStore } from "react";
import { useTexts } from "../texts";
import { Button } from "./Button";
import { Icon } from "./Icon";

interface Shown {
  id: number;
  tone: "good" | "bad";
  message: string;
}

/** Long enough to be read twice; an error stays until it is closed. */
const SHOWN_MS = 6000;
const SHOWN_MAX = 3;

let shown: readonly Shown[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

export function toast(message: string, tone: Shown["tone"] = "good"): void {
  lastId += 1;
  set([...shown.slice(1 - SHOWN_MAX), { id: lastId, tone, message }]);
}

/** For when somebody locks: the next person reads nothing of it. */
export function clearToasts(): void {
  set([]);
}

export function Toasts() {
  const list = useSyncExternalStore(subscribe, () => shown);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {list.map((one) => (
        <ToastLine key={one.id} {...one} />
      ))}
    </div>
  );
}

function ToastLine({ id, tone, message }: Shown) {
  const texts = useTexts().common;
  useEffect(() => {
    if (tone === "bad") return undefined;
    const timer = setTimeout(() => drop(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, tone]);
  return (
    <div className={`toast tone-${tone}`}>
      <Icon name={tone === "bad" ? "alert" : "check"} />
      <span>{message}</span>
      <Button variant="quiet" icon="close" iconOnly onPress={() => drop(id)}>{texts.close}</Button>
    </div>
  );
}

function drop(id: number): void {
  set(shown.filter((one) => one.id !== id));
}

function set(list: readonly Shown[]): void {
  shown = list;
  for (const tell of listeners) tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
