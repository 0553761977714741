// npm run build: install, and build what is older than its sources.
import { build, install } from './workspace.mjs';

install();
build();
