/** Places between two writes where a test may end the process. */
export type FaultPoint =
  | 'create:written'
  | 'create:renamed'
  | 'open:session'
  | 'open:witness'
  | 'record:begun'
  | 'record:applied'
  | 'record:conflict'
  | 'record:before-commit'
  | 'record:committed'
  | 'record:flushed'
  | 'record:witnessed'
  | 'close:marked'
  | 'export:marked'
  | 'export:half-written'
  | 'export:written'
  | 'import:half-merged'
  | 'import:merged'
  | 'clear:before-commit'
  | 'clear:committed';

/** Called at each {@link FaultPoint}. */
export type FaultHook = (point: FaultPoint) => void;

/** Nothing fails on purpose. */
export const noFaults: FaultHook = () => {};
