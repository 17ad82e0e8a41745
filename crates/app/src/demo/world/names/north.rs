//! Names of northern and western Europe and the countries that speak its languages.

pub(super) const ENGLISH: [&str; 3] = [
    "Olivia,Amelia,Emily,Charlotte,Elizabeth,Margaret,Susan,Sarah,Jennifer,Rebecca,Hannah,Grace,\
     Catherine,Patricia,Barbara,Eleanor,Lucy,Alice,Victoria,Deborah,Jessica,Laura,Ruth,Helen,\
     Isabella,Sophie,Chloe,Megan,Joan,Dorothy,Alexandra,Bethany,Rosemary,Niamh,Siobhan,Harriet,\
     Florence,Poppy,Freya,Georgina,Imogen,Madeleine,Christine,Abigail",
    "James,John,Robert,William,Thomas,Michael,David,George,Oliver,Jack,Daniel,Joseph,Samuel,\
     Benjamin,Matthew,Edward,Henry,Charles,Andrew,Peter,Richard,Stephen,Christopher,Anthony,\
     Alexander,Patrick,Joshua,Jacob,Kenneth,Nicholas,Timothy,Lawrence,Ronald,Theodore,Harvey,\
     Callum,Ewan,Rhys,Declan,Finlay,Jonathan,Ethan,Dylan,Walter",
    "Smith,Jones,Williams,Taylor,Brown,Davies,Evans,Wilson,Johnson,Roberts,Walker,Wright,\
     Robinson,Thompson,White,Hughes,Edwards,Green,Hall,Wood,Harris,Martin,Clarke,Jackson,Turner,\
     Hill,Cooper,Ward,Morris,Moore,King,Baker,Harrison,Morgan,Allen,James,Scott,Phillips,Parker,\
     Price,Bennett,Young,Griffiths,Mitchell,Kelly,Murphy,O'Brien,O'Connor,Byrne,Ryan,Walsh,\
     McCarthy,Campbell,Stewart,MacDonald,Murray,Reid,Fletcher,Hartley,Whitaker,Pemberton,\
     Ashworth,Ellison,Marlowe,St John,Featherstone,Cholmondeley,Smith-Jones,Thwaite,Null",
];

pub(super) const GERMAN: [&str; 3] = [
    "Anna,Maria,Sabine,Ursula,Monika,Petra,Julia,Katharina,Lena,Laura,Lea,Hannah,Emma,Mia,\
     Johanna,Claudia,Andrea,Birgit,Heike,Susanne,Franziska,Sophie,Greta,Frieda,Ingrid,Renate,\
     Gisela,Annika,Jana,Nele,Luise,Käthe",
    "Peter,Michael,Thomas,Andreas,Stefan,Wolfgang,Klaus,Jürgen,Maximilian,Lukas,Leon,Paul,Jonas,\
     Felix,Sebastian,Tobias,Johannes,Friedrich,Karl,Heinz,Günter,Uwe,Frank,Matthias,Jan,Philipp,\
     Moritz,Elias,Bernd,Dieter,Jörg,Sören",
    "Müller,Schmidt,Schneider,Fischer,Weber,Meyer,Wagner,Becker,Schulz,Hoffmann,Schäfer,Koch,\
     Bauer,Richter,Klein,Wolf,Schröder,Neumann,Schwarz,Zimmermann,Braun,Krüger,Hofmann,Hartmann,\
     Lange,Werner,Krause,Lehmann,Köhler,Maier,Huber,Kaiser,Fuchs,Vogel,Keller,Jung,Weiß,Groß,\
     Pfeiffer,Böhm,Seidel,Brandt,Engel,Baumgärtner,von Stetten,Großmann",
];

pub(super) const FRENCH: [&str; 3] = [
    "Marie,Camille,Léa,Manon,Chloé,Sophie,Isabelle,Nathalie,Catherine,Sylvie,Hélène,Élodie,\
     Amélie,Juliette,Louise,Jeanne,Alice,Inès,Zoé,Claire,Émilie,Aurélie,Céline,Françoise,\
     Monique,Brigitte,Margaux,Lucie,Mathilde,Anaïs,Geneviève,Océane",
    "Jean,Pierre,Michel,Philippe,Nicolas,Julien,Thomas,Antoine,Louis,Hugo,Lucas,Gabriel,Arthur,\
     Mathieu,François,Étienne,Olivier,Laurent,Christophe,Benoît,Rémi,Guillaume,Alexandre,Maxime,\
     Baptiste,Théo,Gérard,Jérôme,Sébastien,Loïc,Jean-Luc,Jean-Pierre",
    "Martin,Bernard,Thomas,Petit,Robert,Richard,Durand,Dubois,Moreau,Laurent,Simon,Michel,\
     Lefebvre,Leroy,Roux,David,Bertrand,Morel,Fournier,Girard,Bonnet,Dupont,Lambert,Fontaine,\
     Rousseau,Vincent,Muller,Lefèvre,Faure,Mercier,Blanc,Guérin,Boyer,Garnier,Chevalier,François,\
     Legrand,Gauthier,Perrin,Robin,Clément,Morin,Le Gall,de La Tour,Bélanger",
];

pub(super) const DUTCH: [&str; 3] = [
    "Emma,Sophie,Julia,Anna,Lotte,Sanne,Fleur,Eva,Lieke,Femke,Maaike,Anouk,Marieke,Ingrid,\
     Wilhelmina,Johanna,Cornelia,Hendrika,Esther,Iris,Roos,Noor,Tess,Saskia,Marijke,Annelies,\
     Liesbeth,Mirjam,Floor,Jasmijn",
    "Jan,Pieter,Willem,Hendrik,Daan,Sem,Lucas,Bram,Thijs,Lars,Ruben,Jeroen,Maarten,Joost,Koen,\
     Sander,Bas,Johannes,Cornelis,Gerrit,Dirk,Wouter,Niels,Tim,Stijn,Jasper,Floris,Rutger,Kees,\
     Joris",
    "de Jong,Jansen,de Vries,van den Berg,Bakker,van Dijk,Visser,Janssen,Smit,Meijer,de Boer,\
     Mulder,de Groot,Bos,Vos,Peters,Hendriks,van Leeuwen,Dekker,Brouwer,de Wit,Dijkstra,Smits,\
     de Graaf,van der Meer,van der Linden,Kok,Jacobs,de Haan,Vermeulen,van den Heuvel,van der Veen,\
     van den Broek,Schouten,van Beek,Willems,van Vliet,Hoekstra,Maas,Verhoeven,Koster,Prins",
];

pub(super) const SWEDISH: [&str; 3] = [
    "Anna,Eva,Maria,Karin,Sara,Emma,Kristina,Lena,Kerstin,Ingrid,Elin,Maja,Astrid,Saga,Linnéa,\
     Wilma,Ebba,Alva,Birgitta,Marie,Malin,Jenny,Hanna,Ulla,Sofia,Ida,Julia,Moa,Agnes,Åsa",
    "Lars,Anders,Johan,Erik,Per,Mikael,Karl,Jan,Nils,Olof,Sven,Gustav,Oskar,Axel,Hugo,Elias,\
     Viktor,Emil,Magnus,Fredrik,Henrik,Björn,Mattias,Jonas,Stefan,Torbjörn,Göran,Åke,Leif,Linus",
    "Andersson,Johansson,Karlsson,Nilsson,Eriksson,Larsson,Olsson,Persson,Svensson,Gustafsson,\
     Pettersson,Jonsson,Jansson,Hansson,Bengtsson,Jönsson,Lindberg,Jakobsson,Magnusson,Lindström,\
     Olofsson,Lindqvist,Lindgren,Berg,Axelsson,Bergström,Lundberg,Lind,Lundgren,Lundqvist,\
     Mattsson,Berglund,Fredriksson,Sandberg,Henriksson,Forsberg,Sjöberg,Wallin,Engström,Eklund,\
     Danielsson,Håkansson",
];
