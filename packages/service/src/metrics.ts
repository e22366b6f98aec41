import { collectDefaultMetrics, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface RegistryOptions {
  /** Labels added to every metric, for example `{ service: 'attestor' }`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Also report the process: CPU, memory, event loop delay. Default true. */
  readonly processMetrics?: boolean;
}

/** A registry of its own for a service: prom-client's global one is never used. */
export const createRegistry = ({ labels = {}, processMetrics = true }: RegistryOptions = {}): Registry => {
  const registry = new Registry();
  registry.setDefaultLabels({ ...labels });
  if (processMetrics) collectDefaultMetrics({ register: registry });
  return registry;
};
