/** The JSON documents that every host speaks, by the names that the app uses. */
import type { Diagram } from '@pluriverse/engine';

export type {
  Description,
  Diagram,
  Dictionary,
  Distribution,
  EventKind,
  EventRow,
  Feed,
  Finding,
  Frame,
  Metric,
  Noun,
  Phase,
  Results,
  ScenarioText,
  Series,
  Table,
  Unit,
} from '@pluriverse/engine';

export type DiagramNode = Diagram['nodes'][number];
export type DiagramEdge = Diagram['edges'][number];
