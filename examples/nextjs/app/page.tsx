/** The only page: a queue, made into HTML by the server, run in the browser. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { Queue } from "./queue";

export default async function Page() {
  const text = await readFile(join(process.cwd(), "../../scenarios/mm1.toml"), "utf8");
  return (
    <main>
      <h1>One barber, two million events</h1>
      <Queue scenario={{ name: "mm1.toml", text }} />
    </main>
  );
}
