/** The replica's database, as the receiver's page has it. */
import '@baton/client-core/replica-worker';
