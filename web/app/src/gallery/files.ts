/** Scenarios from files that a person chooses or drops onto the page. */
import type { ScenarioText } from '../world/documents';

/** The scenario among `files`, with the others as its data. */
export async function readScenario(files: File[]): Promise<ScenarioText> {
  const mains = files.filter(({ name }) => /\.(toml|json)$/i.test(name));
  const [main] = mains;
  if (!main) throw new Error('There is no scenario among these: it ends in .toml or .json. Choose with it the data files that it names.');
  if (mains.length > 1) throw new Error(`There are ${mains.length} scenarios among these: open one at a time, with the data files that it names.`);
  const others = files.filter((file) => file !== main).map(async (file) => [file.name, new Uint8Array(await file.arrayBuffer())] as const);
  return { name: main.name, text: await main.text(), files: Object.fromEntries(await Promise.all(others)) };
}
