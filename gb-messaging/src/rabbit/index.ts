export {
  createRabbitTaskQueue,
  type RabbitTaskFigures,
  type RabbitTaskQueue,
  type RabbitTaskQueueOptions,
} from './task-queue.rabbit.ts';
