import { z } from 'zod';

/**
 * Imported before everything that makes schemas: zod would else try `new Function`, which the pages'
 * content security policy refuses and reports.
 */
z.config({ jitless: true });
