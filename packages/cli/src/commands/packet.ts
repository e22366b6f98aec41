import type { Register } from './group.ts';

export const registerPacket: Register = () => {};
