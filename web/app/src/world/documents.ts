/** The JSON documents that every host speaks, by the names that the app uses. */
import type { Diagram, Metric } from '@pluriverse/engine';

export type {
  Description,
  Diagram,
  Dictionary,
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
  Table,
} from '@pluriverse/engine';

export type DiagramNode = Diagram['nodes'][number];
export type DiagramEdge = Diagram['edges'][number];
export type Unit = Metric['unit'];
