// What many tests begin with, made once for the tests of a file and copied for each of them: the folder of a server, of a
// desk and of a tablet. All of them have ended before they are copied, as on machines that were switched off in between.

import { rmSync } from "node:fs";
import { cp } from "node:fs/promises";

export class Stock {
  #make;
  #kept;

  /** `make` fills a world of its own, and gives its `server` and whichever `tablet` there is. */
  constructor(make) {
    this.#make = make;
  }

  /** Copies everything into a world, and starts the server there; `newWorld` gives the one to fill at first. */
  async take(world, newWorld) {
    this.#kept ??= this.#keep(newWorld());
    const { folder, listen } = await this.#kept;
    await cp(folder, await world.folder(), { recursive: true });
    // Devices know the server by its port.
    return { server: await world.server({ listen }), desk: await world.desk("desk") };
  }

  async #keep(world) {
    const folder = await world.folder();
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    try {
      const { server, tablet } = await world.watched("stock", () => this.#make(world));
      await tablet?.close();
      await server.stop();
      return { folder, listen: server.listen };
    } catch (error) {
      await world.end();
      throw error;
    }
  }
}
