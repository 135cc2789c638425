/** The receiver's database runs here: loaded once somebody is signed in, and by no other page. */
import '@baton/client-core/replica-worker';
