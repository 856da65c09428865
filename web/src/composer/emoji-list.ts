import type { Language } from '../i18n/index.ts'

export interface Emoji {
  readonly sign: string
  /** Words to find it by, the first one is its name. */
  readonly words: Readonly<Record<Language, string>>
}

export type EmojiGroup = 'smileys' | 'people' | 'nature' | 'food' | 'things' | 'signs'

/** What one most often answers with. */
export const quickReactions = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const

// One a line: sign, English words, Chinese words.
const table: Record<EmojiGroup, string> = {
  smileys: `😀|grinning smile happy|笑 开心
😄|laughing smile happy|大笑 开心
😁|beaming grin|露齿笑
😆|squinting laugh|眯眼笑
😅|sweat smile relief|苦笑 流汗
😂|tears of joy laugh|笑哭
🤣|rolling laugh|笑翻
🙂|slight smile|微笑
🙃|upside down|倒脸
😉|wink|眨眼
😊|blush smile|害羞 微笑
😇|angel halo|天使
🥰|in love hearts|喜爱
😍|heart eyes love|花痴 爱心眼
🤩|star struck wow|崇拜 星星眼
😘|kiss blow|飞吻
😋|yummy tongue|好吃
😛|tongue|吐舌
😜|winking tongue|调皮
🤪|zany crazy|疯狂
🤗|hug|拥抱
🤭|oops giggle|捂嘴笑
🤫|shush quiet|嘘 安静
🤔|thinking hmm|思考
🤨|raised eyebrow doubt|怀疑
😐|neutral|面无表情
😶|speechless no mouth|无语
😏|smirk|坏笑
🙄|eye roll|翻白眼
😬|grimace awkward|尴尬
😌|relieved calm|安心
😴|sleeping tired|睡觉
😷|mask sick|口罩 生病
🤒|fever ill|发烧
🤯|mind blown|震惊 爆炸
🥳|party celebrate|庆祝
😎|cool sunglasses|酷 墨镜
🤓|nerd glasses|书呆子
😕|confused|困惑
😟|worried|担心
😮|surprised wow|惊讶
😲|astonished|吃惊
😳|flushed embarrassed|脸红
🥺|pleading please|可怜 恳求
😢|sad cry|伤心 流泪
😭|sobbing cry|大哭
😱|scream fear|害怕 尖叫
😖|confounded|纠结
😞|disappointed|失望
😩|weary tired|疲惫
😤|huff triumph|生气 哼
😡|angry mad|愤怒
🤬|swearing|骂人
💀|skull dead|骷髅 笑死
💩|poop|便便
🤡|clown|小丑
👻|ghost|鬼
🤖|robot|机器人`,
  people: `👍|thumbs up yes like good|赞 好 同意
👎|thumbs down no|踩 不
👌|ok perfect|好的
✌️|victory peace|耶 胜利
🤞|fingers crossed luck|好运 祈祷
🤟|love you|爱你
🤙|call me|打电话
👋|wave hello bye|挥手 你好 再见
🤚|raised hand stop|举手
👏|clap applause|鼓掌
🙌|raised hands hooray|欢呼
🙏|please thanks pray|谢谢 拜托 祈祷
🤝|handshake deal|握手
💪|strong muscle|加油 强壮
👉|point right|右 指
👈|point left|左 指
👆|point up|上 指
👇|point down|下 指
✍️|writing|写
👀|eyes look|看
🧠|brain|大脑
🙋|raise hand me|举手 我
🤷|shrug|耸肩 不知道
🤦|facepalm|捂脸
🙇|bow sorry|鞠躬 抱歉
💃|dance|跳舞
🏃|run hurry|跑
👶|baby|宝宝
👨‍👩‍👧|family|家庭
👑|crown|皇冠`,
  nature: `🐶|dog|狗
🐱|cat|猫
🐭|mouse|老鼠
🐰|rabbit|兔子
🦊|fox|狐狸
🐻|bear|熊
🐼|panda|熊猫
🐯|tiger|老虎
🦁|lion|狮子
🐷|pig|猪
🐸|frog|青蛙
🐵|monkey|猴子
🐔|chicken|鸡
🐧|penguin|企鹅
🦄|unicorn|独角兽
🐝|bee|蜜蜂
🦋|butterfly|蝴蝶
🐢|turtle|乌龟
🐟|fish|鱼
🌸|blossom flower|樱花
🌹|rose flower|玫瑰
🌻|sunflower|向日葵
🌲|tree|树
🍀|clover luck|四叶草 好运
🌙|moon night|月亮
☀️|sun|太阳
⛅|cloud|多云
🌧️|rain|下雨
❄️|snow cold|雪 冷
🌈|rainbow|彩虹
🔥|fire hot|火
🌊|wave sea|海浪`,
  food: `🍎|apple|苹果
🍌|banana|香蕉
🍓|strawberry|草莓
🍉|watermelon|西瓜
🍑|peach|桃子
🍅|tomato|番茄
🍞|bread|面包
🧀|cheese|奶酪
🍔|burger|汉堡
🍕|pizza|披萨
🍜|noodles|面条
🍚|rice|米饭
🥟|dumpling|饺子
🍣|sushi|寿司
🍦|ice cream|冰淇淋
🍰|cake|蛋糕
🎂|birthday cake|生日蛋糕
🍪|cookie|饼干
🍫|chocolate|巧克力
☕|coffee|咖啡
🍵|tea|茶
🍺|beer|啤酒
🥂|cheers toast|干杯
🍷|wine|红酒`,
  things: `🎉|party congratulations|庆祝 恭喜
🎁|gift present|礼物
🧧|red envelope|红包
🎈|balloon|气球
🏆|trophy win|奖杯
⚽|football|足球
🏀|basketball|篮球
🎮|game|游戏
🎵|music note|音乐
🎬|film movie|电影
📷|camera photo|相机 照片
📱|phone|手机
💻|computer laptop|电脑
📚|books|书
✏️|pencil|铅笔
📌|pin|图钉
📎|paperclip|回形针
📅|calendar date|日历
⏰|alarm clock time|闹钟 时间
💡|idea light|灯泡 主意
🔑|key|钥匙
🔒|lock|锁
💰|money|钱
🚗|car|汽车
🚲|bicycle|自行车
🚄|train|火车
✈️|plane travel|飞机 旅行
🏠|house home|家 房子
🏥|hospital|医院
🚀|rocket|火箭`,
  signs: `❤️|red heart love|爱心 红心
🧡|orange heart|橙心
💛|yellow heart|黄心
💚|green heart|绿心
💙|blue heart|蓝心
💜|purple heart|紫心
🖤|black heart|黑心
💔|broken heart|心碎
💯|hundred full|满分
✅|check done|完成 对
❌|cross no|错 不
❗|exclamation|感叹号
❓|question|问号
⭐|star|星星
✨|sparkles|闪亮
⚡|lightning|闪电
💤|zzz sleep|睡觉
💬|speech|对话
🆗|ok|好
🆕|new|新
⚠️|warning|警告
🚫|forbidden|禁止
♻️|recycle|循环
🔔|bell|铃铛`,
}

export const emojiGroups: readonly { readonly group: EmojiGroup; readonly list: readonly Emoji[] }[] =
  Object.entries(table).map(([group, lines]) => ({
    group: group as EmojiGroup,
    list: lines.split('\n').map((line) => {
      const [sign = '', en = '', zh = ''] = line.split('|')
      return { sign, words: { en, zh } }
    }),
  }))

/** Those whose words, in either language, contain what is looked for; in the order of the groups. */
export function findEmoji(query: string): readonly Emoji[] {
  const wanted = query.trim().toLocaleLowerCase()
  const found = emojiGroups
    .flatMap(({ list }) => list)
    .filter(({ sign, words }) => sign === wanted || words.en.includes(wanted) || words.zh.includes(wanted))
  return [...new Map(found.map((emoji) => [emoji.sign, emoji])).values()]
}
