/** The scenarios to choose from: those that came with the page, and those that only the server has. */
import { useEffect, useState } from 'react';
import { useLocked, useServer } from '../shell/hooks';
import { server, type OfferedScenario } from '../world/server';
import { introduce, SAMPLES, type Sample } from './scenarios';

/** What only the server has, each asked for once. */
async function onlyThere(offered: OfferedScenario[]): Promise<Sample[]> {
  const others = offered.filter(({ name }) => !SAMPLES.some(({ scenario }) => scenario.name === name));
  const asked = await Promise.allSettled(others.map(({ name }) => server.scenario(name)));
  return asked.flatMap((answer) => (answer.status === 'fulfilled' ? [introduce(answer.value)] : []));
}

/** Those that the server offers beyond the page's own; none while it is not there or wants a token. */
export function useOffered(): Sample[] {
  const [offered, setOffered] = useState<Sample[]>([]);
  const isAsked = useServer() === true;
  const isLocked = useLocked();
  useEffect(() => {
    if (!isAsked || isLocked) return undefined;
    let isHere = true;
    // The page's own scenarios are there in any case.
    void server.scenarios().then(onlyThere).then((found) => isHere && setOffered(found), () => undefined);
    return () => {
      isHere = false;
    };
  }, [isAsked, isLocked]);
  return offered;
}
