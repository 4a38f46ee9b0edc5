// What the worker was asked and has not answered. One that is ended answers nobody; whoever waits is told so.

import type { Failure } from "./failure";

export class Questions {
  private readonly open = new Set<(why: Failure) => void>();
  private over: Failure | undefined;

  ask<T>(send: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.over !== undefined) return reject(this.over);
      this.open.add(reject);
      void send().then(resolve, reject).finally(() => this.open.delete(reject));
    });
  }

  /** From now on every question fails so. */
  end(why: Failure): void {
    this.over = why;
    for (const reject of this.open) reject(why);
    this.open.clear();
  }
}
