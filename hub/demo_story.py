"""What the demo proposes to try, one after the other: who presses what, and what there is to see."""

from playground.offers import Step

DANA, OMAR, BORIS = "telegram:dana", "telegram:omar", "telegram:boris"
DANA_IN_SLACK, ANN, IDA = "slack:dana", "slack:ann", "slack:ida"

STORY = (
    Step(
        "Dana joins in Telegram",
        "She was sent a link. Press “Open the invitation”, then “Yes, that's me”. “That's not me” would make the link"
        " worthless; a new one is made under Outside world.",
        DANA,
    ),
    Step(
        "Ann hears of it",
        "Ann looks after Acme. Her Messages tell who has joined; Home lists her clients and who waits for an answer.",
        ANN,
    ),
    Step(
        "The first step",
        "Press “Start: Get started with Relay”, then “Done”. The bar grows, the next step is there; “Undo” takes it"
        " back. “All steps” shows where everything stands.",
        DANA,
    ),
    Step(
        "The product speaks",
        "The second step ticks itself off. “Our product says: Acme Logistics: workspace_created” is the product's own"
        " word that the workspace is there.",
        outside=True,
    ),
    Step(
        "Get stuck",
        "Press “I'm stuck” below a step and write what is wrong, or attach the sample voice message or photo.",
        DANA,
    ),
    Step(
        "Ann answers",
        "“I have it”: Dana sees that somebody is on it. “Reply” opens a box; the words arrive in Dana's chat. “Settled”"
        " ends the matter.",
        ANN,
    ),
    Step(
        "Go on in Slack",
        "Write anything to the bot: Slack vouches for Dana's e-mail, so she needs no link, only “Yes, that's me”. It is"
        " the same checklist; what she does here changes the card in Telegram. Home has it too.",
        DANA_IN_SLACK,
    ),
    Step(
        "Skip with a reason",
        "At the contact list press “Skip” and tap a reason. Ann reads it at once.",
        DANA,
    ),
    Step(
        "Our turn",
        "“Domain check by our team” waits for us, with a promised day. Ann presses “Done for the client”.",
        ANN,
    ),
    Step(
        "Omar shares the work",
        "A colleague of Dana's joins by his own link: the same checklist, the same state. “Give to a colleague” hands a"
        " step over, “I'll do it” takes it.",
        OMAR,
    ),
    Step(
        "A group, a channel",
        "“Dana makes a Telegram group” and “Dana makes a Slack channel” bring the bot among people: one shared card"
        " which anybody of the client may press, and nobody else.",
        outside=True,
    ),
    Step(
        "Boris reads Russian",
        "Another client: his invitation speaks Russian. Anybody changes language by “Language” on the home card or by"
        " /language.",
        BORIS,
    ),
    Step(
        "Turn the clock",
        "+1 day at the top, several times: a reminder comes in the morning of Dana's own zone, not on a weekend and not"
        " twice, and bears that hour: time passes, nothing is skipped. Below it she says when to hear of it again.",
        DANA,
    ),
    Step(
        "What is new",
        "The clock begins before the newest files of content/updates: a day or a week on, at nine in her morning, Dana"
        " hears of the next one. A line at the top of her Telegram, “Updates” on the home card and Home in Slack count"
        " what she has not opened; “Read on”, and all of them go to nothing. “Comment”, or an answer to the message:"
        " Ann reads it. What comes once a week waits for her digest on Monday.",
        DANA,
    ),
    Step(
        "Dana says how often",
        "“Settings” on the home card, or /settings: product news once a day, another hour, another city. “Pause” brings"
        " silence; only what she must be told comes all the same. The card is one in Telegram and Slack.",
        DANA,
    ),
    Step(
        "A campaign of their own",
        "“Run a campaign of Acme's”: their sender platform tells the hub of it over HTTP. Dana writes /mailings"
        " and opens it: the card moves by itself, with what did not arrive, and why.",
        DANA,
        outside=True,
    ),
    Step(
        "A mailing to many",
        "Ida types /hub mailings, presses “Prepare” for the webinar and looks: who gets it, who not and why, and “As"
        " they will see it”. “Send it” leaves two minutes to change her mind; turn the clock by them, and the card"
        " counts what became of each. Ann may keep her clients out by “Hold”.",
        IDA,
    ),
    Step(
        "A bad day",
        "Switch a trouble on and go on chatting. Lost answers: what answers a tap is sent again, a reminder waits for"
        " Ann to decide. Too many requests: cards come late, in order, each once. A slow Slack holds nobody up in"
        " Telegram.",
        outside=True,
    ),
    Step(
        "Change the words",
        "Open “Preview” above, then save another text in content/onboarding/quickstart.yaml: the card changes there at"
        " once, and whoever presses a button here reads the new words. Save nonsense: clients see no change, the"
        " preview names the line, and Ida, who writes the content, is told in Slack.",
        IDA,
    ),
)
