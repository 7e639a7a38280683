import { RefreshCw } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { useT } from '../i18n/index.ts';

/** A part that fails takes only itself away. What was typed is safe: drafts and the outbox live outside the page. */
export class ErrorBoundary extends Component<{ children: ReactNode; resetKey?: string }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidUpdate(previous: { resetKey?: string }): void {
    if (this.state.failed && previous.resetKey !== this.props.resetKey) this.setState({ failed: false });
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return <Failed onRetry={() => this.setState({ failed: false })} />;
  }
}

function Failed({ onRetry }: { onRetry: () => void }) {
  const t = useT();
  return (
    <div className="failed" role="alert">
      <Empty
        icon={<RefreshCw size={24} />}
        title={t('failed.title')}
        action={
          <div className="row">
            <Button tone="primary" onPress={onRetry}>
              {t('common.tryAgain')}
            </Button>
            <Button onPress={() => window.location.assign('/')}>{t('failed.home')}</Button>
          </div>
        }
      >
        {t('failed.text')}
      </Empty>
    </div>
  );
}
