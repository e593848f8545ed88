"""The trip in English."""

from telltale.demo.texts.shape import AgentText, Memory, Page, Scene, TaskText, TripText

KNOWLEDGE = (
    "The traveller is Mara Oliveira, 34 years old, a physiotherapist who lives in Lisbon. "
    "She runs half marathons, climbs indoors twice a week and eats vegetarian food. "
    "She likes a small quiet hotel near a station and spends at most 2,400 euros on a trip."
)

AGENTS = (
    AgentText(
        role="City Scout",
        goal="Find the city that suits the traveller's dates, budget and interests best",
        backstory=(
            "You have compared weather tables, event calendars and fares for twenty years, "
            "and you never recommend a city without giving the figures."
        ),
    ),
    AgentText(
        role="Neighbourhood Guide",
        goal="Turn the chosen city into days that a visitor will remember",
        backstory=(
            "You grew up between the side streets of the city, you know who bakes, who climbs "
            "and who runs there, and you plan a day so that nobody has to hurry."
        ),
    ),
)

TASKS = (
    TaskText(
        description=(
            "Choose one city for a winter trip from Lisbon between 12 and 20 December. The "
            "candidates are Tokyo, Sapporo and Fukuoka; the traveller cares most about sport, "
            "above all running and climbing. Compare the weather to expect, the events in those "
            "days and the price of flights and hotel for each city, and take the local overview "
            "at {site}/pages/en/december-cities.html as your source for the figures."
        ),
        expected_output=(
            "A reasoned choice of one city with a table of weather, events, flight and hotel "
            "prices for all three candidates"
        ),
    ),
    TaskText(
        description=(
            "Write a day-by-day guide to the city that was chosen for 12 to 20 December. Cover "
            "where to run in the morning, where to climb, one sports event worth a ticket, "
            "vegetarian places to eat, customs that a visitor should know, and what each day "
            "costs. The residents' notes at {site}/pages/en/tokyo-guide.html tell what only "
            "people who live there know; use them, and keep to the traveller's budget."
        ),
        expected_output=(
            "A guide for nine days with morning, afternoon and evening, local customs and a "
            "daily budget in euros"
        ),
    ),
)

CHOICE = """\
**Tokyo is the city to choose.**

| City | Weather, 12-20 December | Event | Flight from Lisbon | Hotel, 8 nights |
|---|---|---|---|---|
| Tokyo | 5 to 12 °C, 1 day of rain | Imperial Palace night run, 14 December | 890 € | 720 € |
| Sapporo | -6 to 1 °C, snow on 6 days | Indoor climbing cup, 16 December | 1,040 € | 640 € |
| Fukuoka | 6 to 12 °C, 3 days of rain | Bay half marathon, 7 December (too early) | 980 € | 560 € |

Fukuoka has the cheaper hotel, but its half marathon is over before Mara arrives, and Sapporo's
paths are under snow, so that running there means a treadmill. Tokyo is dry and cold enough for
a half marathon's training, has 48 climbing halls, and comes to 1,610 € for flight and hotel. That
leaves 790 € of her 2,400 € for nine days, or about 88 € a day.
A small hotel two minutes from Kanda station keeps her within a short jog of the palace."""

GUIDE = """\
**Tokyo, 12 to 20 December, for a runner who climbs**

- **12 December.** Arrive, walk from Kanda station to the hotel, vegetable ramen in Jimbocho. 45 €
- **13 December.** Sunrise lap of the Imperial Palace (5 km), boulders in Ogikubo. 78 €
- **14 December.** Easy day in Yanaka; in the evening the night run, number 25 €. 96 €
- **15 December.** Bath house in Kuramae, temple kitchen in Asakusa. 70 €
- **16 December.** Train to Okutama, walk along the Tama river, tofu lunch at the ropeway. 88 €
- **17 December.** Komazawa park, 2.1 km loop with distance marks; lead wall in Kinshicho. 82 €
- **18 December.** Fish market for the eyes, curry without fish stock in Shimokitazawa. 74 €
- **19 December.** Illuminations in Marunouchi on foot, last boulders, soba with kelp broth. 80 €
- **20 December.** One lap of the palace, breakfast, airport train. 60 €

**Customs.** Run anticlockwise round the palace and give way to walkers. Wash before you enter the
bath. Carry a small towel and your litter. Ask for *kombu dashi*: most broths hold fish.

**Sum.** 673 €, which is 117 € below what was left of the budget."""

SCENES = (
    Scene(
        cue="Choose one city for a winter trip from Lisbon",
        recall_queries=("earlier choice of a city in Japan", "December weather, flights and hotel"),
        keywords=("Tokyo", "Sapporo", "Fukuoka", "December"),
        rewritten_query="traveller's home, sports, food, hotel wishes and budget for a trip",
        search_query=(
            "December weather, sports events, flight and hotel prices in Tokyo, Sapporo, Fukuoka"
        ),
        answer=CHOICE,
        memories=(
            Memory(
                text="Tokyo was chosen over Sapporo and Fukuoka: it is dry enough to run outdoors.",
                scope="/decisions",
                categories=("decision", "city"),
                importance=0.9,
                entities=("Tokyo", "Sapporo", "Fukuoka"),
                dates=("12-20 December",),
                topics=("weather", "running"),
            ),
            Memory(
                text="Flight from Lisbon and eight hotel nights cost 1,610 euros; 790 are left.",
                scope="/budget",
                categories=("budget",),
                importance=0.7,
                entities=("Lisbon",),
                dates=("12-20 December",),
                topics=("prices", "hotel"),
            ),
        ),
    ),
    Scene(
        cue="Write a day-by-day guide to the city that was chosen",
        recall_queries=("city chosen for the December trip", "budget left after flight and hotel"),
        keywords=("Tokyo", "guide", "budget"),
        rewritten_query="traveller's running, climbing, vegetarian food and budget",
        search_query="where residents of Tokyo run, climb and eat vegetarian, and customs to know",
        answer=GUIDE,
        memories=(
            Memory(
                text="Runners go round the Imperial Palace anticlockwise and give way to walkers.",
                scope="/customs",
                categories=("custom", "sport"),
                importance=0.6,
                entities=("Imperial Palace",),
                dates=(),
                topics=("running", "etiquette"),
            ),
            Memory(
                text="Vegetarians ask for kombu dashi, since most broths in Japan hold fish.",
                scope="/food",
                categories=("food",),
                importance=0.8,
                entities=("Japan",),
                dates=(),
                topics=("vegetarian food",),
            ),
        ),
    ),
)

PAGES = (
    Page(
        path="/pages/en/december-cities.html",
        title="Three cities of Japan in December",
        paragraphs=(
            (
                "Tokyo. From 12 to 20 December expect 5 to 12 °C, dry air and one day of rain. "
                "The night run round the Imperial Palace takes place on 14 December; a number "
                "costs 25 euros. Climbing halls: 48. A return flight from Lisbon costs 890 "
                "euros, a small hotel in Kanda 90 euros a night."
            ),
            (
                "Sapporo. From 12 to 20 December expect -6 to 1 °C and snow on six days. The "
                "indoor climbing cup takes place on 16 December. Paths are not cleared, runners "
                "move indoors. A return flight from Lisbon costs 1,040 euros, a small hotel near "
                "the station 80 euros a night."
            ),
            (
                "Fukuoka. From 12 to 20 December expect 6 to 12 °C and three days of rain. The "
                "bay half marathon is on 7 December. A return flight from Lisbon costs 980 "
                "euros, a small hotel in Hakata 70 euros a night."
            ),
            "Prices are for one adult, taken in October; hotels without breakfast.",
        ),
    ),
    Page(
        path="/pages/en/tokyo-guide.html",
        title="Tokyo, as its residents know it",
        paragraphs=(
            (
                "Where residents run. Round the Imperial Palace, 5 km, anticlockwise; walkers "
                "have the right of way, and lockers in the bath houses of Kanda cost 3 euros. "
                "Komazawa park has a loop of 2.1 km with a mark every 100 metres."
            ),
            (
                "Where they climb. Boulders in Ogikubo, a lead wall of 16 metres in Kinshicho; a "
                "day ticket costs 14 to 18 euros, shoes 3 euros."
            ),
            (
                "Where they eat without meat or fish. The temple kitchen in Asakusa, a vegetable "
                "ramen counter in Jimbocho, curry in Shimokitazawa. Ask for kombu dashi: most "
                "broths hold fish."
            ),
            (
                "What they expect of visitors. Wash before you enter the bath, speak softly in "
                "trains, take your litter home, stand on the left of the escalator."
            ),
            (
                "A day out. The train to Okutama takes two hours and costs 7 euros; the river "
                "path is quiet in December."
            ),
        ),
    ),
)

ENGLISH = TripText(
    lang="en", knowledge=KNOWLEDGE, agents=AGENTS, tasks=TASKS, scenes=SCENES, pages=PAGES
)
