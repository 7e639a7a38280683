import type { Locale } from 'gb-protocol';
import { RouterProvider } from 'react-aria-components';
import { JoinScreen } from '../screens/join-screen.tsx';
import { LogInScreen } from '../screens/log-in-screen.tsx';
import { SetupScreen } from '../screens/setup-screen.tsx';
import { StartingScreen } from '../screens/starting-screen.tsx';
import { Announcer } from './announcer.tsx';
import { ClientContext } from './client-context.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { LanguageProvider } from './language.tsx';
import { navigate, parseRoute, useRoute } from './router.ts';
import { useSession } from './session.ts';
import { SessionContext } from './session-context.ts';
import { Shell } from './shell.tsx';
import { Toasts } from './toasts.tsx';

export function App({ initialLocale }: { initialLocale: Locale }) {
  return (
    <LanguageProvider initialLocale={initialLocale}>
      <RouterProvider navigate={(path) => navigate(parseRoute(path))}>
        <ErrorBoundary>
          <Screens />
        </ErrorBoundary>
        <Toasts />
        <Announcer />
      </RouterProvider>
    </LanguageProvider>
  );
}

function Screens() {
  const session = useSession();
  const route = useRoute();
  const { state } = session;

  return (
    <SessionContext value={session}>
      {route.screen === 'join' ? (
        <JoinScreen key={route.code} code={route.code} client={state.client} onJoined={session.begin} />
      ) : state.phase === 'starting' ? (
        <StartingScreen client={state.client} />
      ) : state.phase === 'setup' ? (
        <SetupScreen client={state.client} onDone={session.begin} isFirst />
      ) : state.phase === 'stranger' ? (
        <LogInScreen client={state.client} onDone={session.begin} isOpen={state.setup.isOpen} />
      ) : (
        <ClientContext value={state.client}>
          <Shell isExpired={state.isExpired} />
        </ClientContext>
      )}
    </SessionContext>
  );
}
