import type { Register } from './group.ts';

export const registerRun: Register = () => {};
