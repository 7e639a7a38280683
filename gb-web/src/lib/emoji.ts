/**
 * The emoji people use in a conversation, by group, each with its short name and words to find it by, English first and
 * Portuguese after the bar. A file of its own: it is fetched when somebody first looks for one.
 */
export interface Emoji {
  readonly emoji: string;
  /** What stands between the colons: `:thumbsup:`. */
  readonly name: string;
  readonly words: readonly string[];
}

export interface EmojiGroup {
  readonly id: 'faces' | 'hands' | 'hearts' | 'nature' | 'food' | 'things' | 'places' | 'symbols';
  readonly emojis: readonly Emoji[];
}

const table: Record<EmojiGroup['id'], string> = {
  faces: `😀 grinning smile happy|sorriso feliz
😃 smiley happy|sorriso
😄 smile laugh happy|sorriso feliz
😁 grin teeth|sorriso dentes
😆 laughing haha|risada
😅 sweat_smile relief nervous|alívio nervoso
🤣 rofl laughing floor|gargalhada
😂 joy tears laugh lol|choro rindo kkk
🙂 slight_smile|sorriso leve
🙃 upside_down silly|cabeça para baixo
😉 wink|piscada
😊 blush happy|corado feliz
😇 innocent angel|anjo
🥰 smiling_hearts love|amor apaixonado
😍 heart_eyes love|amor apaixonado
🤩 star_struck wow|uau estrela
😘 kiss|beijo
😋 yum tasty|delícia gostoso
😜 wink_tongue silly|língua
🤪 zany crazy|doido
🤗 hug|abraço
🤔 thinking hmm|pensando
🤨 raised_eyebrow doubt|desconfiado
😐 neutral|neutro
😑 expressionless|sem expressão
😶 no_mouth silent|sem boca calado
😏 smirk|malícia
😒 unamused|chateado
🙄 eye_roll|revirar olhos
😬 grimace awkward|careta
😌 relieved calm|aliviado
😔 pensive sad|triste
😪 sleepy|sono
😴 sleeping zzz|dormindo
😷 mask sick|máscara doente
🤒 thermometer sick fever|febre doente
🤕 hurt bandage|machucado
🤢 nausea|enjoo
🤯 mind_blown exploding|cabeça explodindo
🥳 party celebrate|festa
😎 cool sunglasses|óculos escuros legal
🤓 nerd|nerd
🧐 monocle inspect|monóculo
😕 confused|confuso
😟 worried|preocupado
🙁 frown sad|triste
😮 open_mouth surprised|surpreso
😯 hushed|surpreso
😲 astonished|espantado
😳 flushed embarrassed|envergonhado
🥺 pleading please|por favor
😧 anguished|angústia
😨 fearful|medo
😰 anxious sweat|ansioso
😢 cry sad|choro triste
😭 sob crying|chorando
😱 scream|grito
😞 disappointed|decepcionado
😩 weary tired|exausto
🥱 yawn|bocejo
😤 triumph huff|bufando
😠 angry|bravo
😡 rage|raiva
🤬 cursing|xingando
💀 skull dead|caveira
💩 poop|cocô
🤡 clown|palhaço
👻 ghost|fantasma
👽 alien|alienígena
🤖 robot bot|robô
🫠 melting|derretendo
🫡 salute|continência
🥲 smile_tear|sorriso lágrima
😺 cat_smile|gato`,
  hands: `👍 thumbsup yes ok +1 like|joinha sim positivo
👎 thumbsdown no -1 dislike|negativo não
👌 ok_hand perfect|ok perfeito
🤌 pinched|italiano
✌️ victory peace|paz vitória
🤞 crossed_fingers luck|dedos cruzados sorte
🤟 love_you|te amo
🤘 rock metal|rock
🤙 call_me|me liga
👈 point_left|esquerda
👉 point_right|direita
👆 point_up|acima
👇 point_down|abaixo
☝️ one_up point|um
✋ hand stop|mão pare
👋 wave hello bye|oi tchau aceno
🖖 vulcan|vulcano
👏 clap bravo|palmas
🙌 raised_hands hooray|viva mãos
🫶 heart_hands love|coração mãos
🤝 handshake deal|acordo aperto
🙏 pray thanks please|obrigado por favor
✍️ writing|escrevendo
💪 muscle strong|força
👀 eyes look|olhos olhando
🧠 brain|cérebro
👤 person user|pessoa
👥 people team|pessoas equipe
🤷 shrug dunno|sei lá
🤦 facepalm|vergonha
🙋 raising_hand question|mão levantada
💁 info_person|informação
🙅 no_gesture|não
🙆 ok_gesture|ok
🧑‍💻 coder developer|programador
🧑‍🚀 astronaut|astronauta
🏃 running|correndo
🚶 walking|andando
💃 dancer|dança`,
  hearts: `❤️ heart love|coração amor
🧡 orange_heart|coração laranja
💛 yellow_heart|coração amarelo
💚 green_heart|coração verde
💙 blue_heart|coração azul
💜 purple_heart|coração roxo
🖤 black_heart|coração preto
🤍 white_heart|coração branco
💔 broken_heart|coração partido
💖 sparkling_heart|coração brilhante
💯 hundred perfect|cem
💥 boom|explosão
💫 dizzy|tontura
✨ sparkles|brilho
⭐ star|estrela
🌟 glowing_star|estrela
🔥 fire hot lit|fogo
🎉 tada party celebrate congratulations|festa parabéns
🎊 confetti|confete
🎁 gift present|presente
🎂 birthday cake|aniversário bolo
🏆 trophy win|troféu
🥇 gold first|ouro primeiro
🎯 target bullseye|alvo
🚀 rocket launch ship|foguete lançar`,
  nature: `🐶 dog|cachorro
🐱 cat|gato
🐭 mouse|rato
🐰 rabbit|coelho
🦊 fox|raposa
🐻 bear|urso
🐼 panda|panda
🐨 koala|coala
🦁 lion|leão
🐸 frog|sapo
🐵 monkey|macaco
🐔 chicken|galinha
🐧 penguin|pinguim
🦉 owl|coruja
🦄 unicorn|unicórnio
🐝 bee|abelha
🐛 bug|inseto lagarta
🦋 butterfly|borboleta
🐢 turtle slow|tartaruga
🐙 octopus|polvo
🐳 whale|baleia
🌵 cactus|cacto
🌲 tree|árvore
🌱 seedling|broto
🍀 clover luck|trevo sorte
🌹 rose|rosa
🌻 sunflower|girassol
🌞 sun|sol
🌙 moon|lua
🌈 rainbow|arco-íris
☁️ cloud|nuvem
⛈️ storm|tempestade
❄️ snow cold|neve frio
🌊 ocean_wave|onda mar`,
  food: `☕ coffee|café
🍵 tea|chá
🧉 mate|chimarrão
🍺 beer|cerveja
🍻 beers cheers|brinde
🥂 toast cheers|brinde
🍷 wine|vinho
🥤 soda drink|refrigerante
🍎 apple|maçã
🍌 banana|banana
🍓 strawberry|morango
🍉 watermelon|melancia
🍍 pineapple|abacaxi
🥑 avocado|abacate
🍅 tomato|tomate
🌽 corn|milho
🥖 bread|pão
🧀 cheese|queijo
🍕 pizza|pizza
🍔 burger|hambúrguer
🍟 fries|batata frita
🌮 taco|taco
🍣 sushi|sushi
🍜 noodles|macarrão
🍝 spaghetti|espaguete
🍦 ice_cream|sorvete
🍪 cookie|biscoito
🍫 chocolate|chocolate
🍿 popcorn|pipoca
🎃 pumpkin halloween|abóbora`,
  things: `💡 idea bulb|ideia lâmpada
📌 pin|alfinete fixar
📎 paperclip attach|clipe
📝 memo note|nota
📅 calendar date|calendário data
📊 chart|gráfico
📈 chart_up growth|crescimento
📉 chart_down|queda
📁 folder|pasta
📦 package box|pacote caixa
✉️ email mail|e-mail carta
📣 megaphone announce|megafone anúncio
🔔 bell|sino
🔕 no_bell mute|mudo
⏰ alarm clock|alarme relógio
⏳ hourglass wait|ampulheta espera
🔍 search magnify|busca lupa
🔒 lock secure|cadeado seguro
🔑 key|chave
🔧 wrench fix tool|ferramenta conserto
🔨 hammer build|martelo
⚙️ gear settings|engrenagem
🧪 test_tube experiment|teste experimento
💻 laptop computer|notebook computador
🖥️ desktop|computador
📱 phone mobile|celular
🎧 headphones|fones
🎮 game|jogo
📷 camera photo|câmera foto
🎬 movie|filme
🎵 music|música
📚 books|livros
🎨 art design|arte
💰 money|dinheiro
💳 card payment|cartão
🛒 cart shopping|carrinho compras
🩹 patch|curativo
🧯 extinguisher|extintor
🧹 broom cleanup|vassoura limpeza
🗑️ trash delete|lixo`,
  places: `🏠 house home|casa
🏢 office building|escritório
🏥 hospital|hospital
🏖️ beach holiday|praia férias
🏔️ mountain|montanha
🌍 world earth|mundo terra
🗺️ map|mapa
✈️ airplane travel|avião viagem
🚗 car|carro
🚌 bus|ônibus
🚲 bike|bicicleta
🚢 ship|navio
🚦 traffic_light|semáforo
🚧 construction wip|obras
⚽ soccer football|futebol
🏀 basketball|basquete
🎾 tennis|tênis
🏐 volleyball|vôlei
🇧🇷 brazil|brasil
🇵🇹 portugal|portugal
🇺🇸 usa|estados unidos`,
  symbols: `✅ check done yes|feito sim
☑️ checkbox|caixa
✔️ check_mark|certo
❌ cross no wrong|não errado
❎ cross_button|não
➕ plus add|mais
➖ minus|menos
❓ question|pergunta
❗ exclamation important|importante
⚠️ warning|aviso cuidado
🚫 forbidden|proibido
🛑 stop|pare
♻️ recycle|reciclar
🔴 red_circle|círculo vermelho
🟠 orange_circle|círculo laranja
🟡 yellow_circle|círculo amarelo
🟢 green_circle|círculo verde
🔵 blue_circle|círculo azul
🟣 purple_circle|círculo roxo
⚫ black_circle|círculo preto
⚪ white_circle|círculo branco
⬆️ up|cima
⬇️ down|baixo
➡️ right|direita
⬅️ left|esquerda
🔄 refresh sync|atualizar
🔁 repeat|repetir
🆗 ok_button|ok
🆕 new|novo
🆘 sos help|socorro ajuda
1️⃣ one|um
2️⃣ two|dois
3️⃣ three|três
💤 zzz|sono
💬 speech comment|fala comentário`,
};

export const emojiGroups: readonly EmojiGroup[] = (Object.entries(table) as [EmojiGroup['id'], string][]).map(([id, rows]) => ({
  id,
  emojis: rows.split('\n').map((row) => {
    const [emoji, ...rest] = row.split(' ');
    const words = rest.join(' ').split(/[ |]/);
    return { emoji: emoji!, name: words[0]!, words };
  }),
}));

export const allEmoji: readonly Emoji[] = emojiGroups.flatMap(({ emojis }) => emojis);
