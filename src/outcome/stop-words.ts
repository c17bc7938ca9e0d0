/**
 * Words that are frequent in one language and not in many others, and how requests begin in it; in lower case. The last
 * ones are never told: their words would else count for a neighbour.
 */
export const STOP_WORDS = {
  en: 'a i each both but well as more most the of and to is are was were that this with for you your what which how why when where who can could would should have has had not from about please write explain give make me my it be by an do does did if there their they tell create list show we our will these into than then between using use some summarize translate',
  fr: 'd c j n que alors souvent chaque le la les des du de et est sont une un qui quel quelle quels quelles comment pourquoi quand où avec pour dans sur vous votre vos je ne pas ce cette ces mon ma mes plus mais ou donc être avoir fait faire écris écrivez explique expliquez donne donnez peux peut pouvez aux au il elle nous leur été entre sans sous comme tout très merci bonjour suis',
  de: 'durch meiste jeder doch der die das und ist sind nicht ein eine einen einem einer den dem des wie was warum wann wo wer mit für auf von zu im ich du sie wir ihr mein dein kann können schreibe erkläre bitte auch aber oder als bei nach wird werden hat haben habe wenn dass zum zur über aus gib mir es man mehr noch nur sich unter zwischen gibt war diese dieser dieses schreib welche guten',
  es: 'así mejor casi todo toda esta se dos el la los las de del y es son una un que qué quién cómo por para con no en su lo al más pero cuál cuáles cuando cuándo dónde porque está están este estos escribe escriba explica explique dame puedes puede podrías hacer ser tiene mi tu sobre entre si me muy también hay fue ha favor gracias hola necesito quiero',
  it: 'i ogni ma il lo la gli le di del della dei delle e è sono un una che chi come perché quando dove per con non in su si al alla più quale quali questo questa scrivi spiega dammi puoi può fare essere ha ho mio mia tuo tra anche nel nella dal dalla se ci cosa grazie ciao vorrei sulla sul degli molto hanno',
  pt: 'à às hoje mais do todo toda o a os as de da dos das e é são um uma que quem como por para com não em no na nos nas se ao mas qual quais quando onde porque porquê está este esta isso escreva escreve explique explica dê pode podes você fazer ser tem meu minha seu sua sobre entre também há foi ou pelo pela muito obrigado olá preciso quero eu',
  nl: 'de het een en is zijn niet dat die van voor met op in te ik je jij u wij wat hoe waarom wanneer waar wie kan kunnen kun schrijf leg uit geef maar ook als bij naar wordt worden heeft hebben hebt mijn jouw deze dit om aan er nog meer over tussen door of alsjeblieft moet mij welke graag',
  pl: 'i w na z do się nie jest są to że jak co dlaczego kiedy gdzie kto czy dla o po od za przez ten ta te tego mój moja napisz wyjaśnij podaj proszę może możesz być ma oraz ale lub jako jego ich tym tylko który która które między bardzo mnie mi jaki jaka jakie',
  sv: 'i och att det som en ett är på för med inte av den till jag du vi hur vad varför när var vem kan skriv förklara ge mig har om men eller från så de min din ska skulle detta denna dessa mellan också finns blir bli han hon vilka vilken vilket snälla tack hej mycket alla efter utan',
  tr: 've bir bu için ile ne nasıl neden nerede kim mi mı mu mü da de çok daha ama veya gibi olan olarak değil var yok ben sen biz bana benim senin yaz yazın açıkla lütfen hangi kadar sonra önce her şey olur olduğu misin mısın nedir eder edin ki ya en',
  no: 'i og er ikke til af av jeg du det som den en et på for med hvordan hvad hva hvorfor når hvor hvem kan skriv forklar mig meg har om men eller fra så de min din skal vil dette denne disse mellem mellom også være blive bli han hun hvilken hvilke tak takk hej efter etter uten uden',
} as const;

export type LatinLanguage = keyof typeof STOP_WORDS;

/** Told apart from Swedish, not from each other. */
export const UNTOLD: LatinLanguage = 'no';

/** Letters that stand in few alphabets, as words are. */
export const TELLING_LETTERS: Readonly<Record<string, readonly LatinLanguage[]>> = {
  ß: ['de'],
  ñ: ['es'],
  ã: ['pt'],
  õ: ['pt'],
  ł: ['pl'],
  ą: ['pl'],
  ę: ['pl'],
  ś: ['pl'],
  ż: ['pl'],
  ğ: ['tr'],
  ı: ['tr'],
  ş: ['tr'],
  œ: ['fr'],
  ø: ['no'],
  æ: ['no'],
};
