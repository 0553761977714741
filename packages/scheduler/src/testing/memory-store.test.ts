import { describe } from 'vitest';
import { objectContract } from '../../../core/src/testing/object-contract.js';
import { MemoryStore } from './memory-store.js';

describe('the store in memory', () => objectContract(() => new MemoryStore('memory')));
