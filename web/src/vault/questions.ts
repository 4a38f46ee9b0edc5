// What the worker was asked and has not answered. One that is ended answers nobody; whoever waits is told so.

import type { Failure } from "./pkg/wardbook_wasm.js";

export class Questions {
  private readonly open = new Set<(failure: Failure) => void>();
  private over = false;

  ask<T>(send: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.over) return reject(locked());
      this.open.add(reject);
      void send().then(resolve, reject).finally(() => this.open.delete(reject));
    });
  }

  end(): void {
    this.over = true;
    for (const reject of this.open) reject(locked());
    this.open.clear();
  }
}

function locked(): Failure {
  return { kind: "locked", message: "the vault was locked meanwhile: unlock it and try again" } as Failure;
}
