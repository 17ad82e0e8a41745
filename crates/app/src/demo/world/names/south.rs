//! Names of southern and eastern Europe.

pub(super) const SPANISH: [&str; 3] = [
    "María,Carmen,Ana,Isabel,Laura,Cristina,Marta,Lucía,Dolores,Pilar,Elena,Sara,Paula,Raquel,\
     Rosa,Teresa,Beatriz,Nuria,Silvia,Julia,Irene,Patricia,Rocío,Andrea,Alba,Sofía,Martina,\
     Montserrat,Inés,Valeria",
    "Antonio,José,Manuel,Francisco,David,Juan,Javier,Daniel,Carlos,Jesús,Alejandro,Miguel,Rafael,\
     Pedro,Pablo,Ángel,Sergio,Fernando,Jorge,Luis,Alberto,Álvaro,Adrián,Diego,Iván,Hugo,Mateo,\
     Joaquín,Ramón,Gonzalo",
    "García,Rodríguez,González,Fernández,López,Martínez,Sánchez,Pérez,Gómez,Martín,Jiménez,\
     Hernández,Ruiz,Díaz,Moreno,Muñoz,Álvarez,Romero,Gutiérrez,Alonso,Navarro,Torres,Domínguez,\
     Ramos,Vázquez,Ramírez,Gil,Serrano,Molina,Blanco,Morales,Suárez,Ortega,Castro,Delgado,Ortiz,\
     Marín,Rubio,García López,Núñez,Medina,Iglesias,Peña,de la Fuente",
];

pub(super) const ITALIAN: [&str; 3] = [
    "Maria,Anna,Giulia,Francesca,Sara,Chiara,Valentina,Alessia,Martina,Sofia,Aurora,Giorgia,\
     Elena,Laura,Paola,Rosa,Angela,Lucia,Federica,Silvia,Roberta,Simona,Monica,Beatrice,Ginevra,\
     Alice,Emma,Camilla,Noemi,Caterina",
    "Giuseppe,Antonio,Giovanni,Francesco,Mario,Luigi,Andrea,Marco,Alessandro,Luca,Matteo,Lorenzo,\
     Leonardo,Davide,Stefano,Paolo,Roberto,Vincenzo,Salvatore,Gabriele,Riccardo,Tommaso,Edoardo,\
     Simone,Filippo,Giacomo,Nicolò,Pietro,Enrico,Fabio",
    "Rossi,Russo,Ferrari,Esposito,Bianchi,Romano,Colombo,Ricci,Marino,Greco,Bruno,Gallo,Conti,\
     De Luca,Mancini,Costa,Giordano,Rizzo,Lombardi,Moretti,Barbieri,Fontana,Santoro,Mariani,\
     Rinaldi,Caruso,Ferrara,Galli,Martini,Leone,Longo,Gentile,Martinelli,Vitale,Lombardo,Serra,\
     Coppola,De Santis,D'Angelo,Marchetti,Parisi,Villa",
];

pub(super) const POLISH: [&str; 3] = [
    "Anna,Maria,Katarzyna,Małgorzata,Agnieszka,Barbara,Ewa,Krystyna,Elżbieta,Magdalena,Joanna,\
     Zofia,Julia,Zuzanna,Hanna,Lena,Maja,Aleksandra,Natalia,Monika,Dorota,Beata,Teresa,Halina,\
     Jadwiga,Iwona,Alicja,Oliwia,Weronika,Grażyna",
    "Piotr,Krzysztof,Andrzej,Tomasz,Jan,Paweł,Michał,Marcin,Jakub,Adam,Łukasz,Marek,Grzegorz,\
     Stanisław,Mateusz,Wojciech,Mariusz,Dariusz,Kamil,Antoni,Franciszek,Szymon,Filip,Zbigniew,\
     Jerzy,Rafał,Tadeusz,Sławomir,Bartosz,Maciej",
    "Nowak,Kowalski,Wiśniewski,Wójcik,Kowalczyk,Kamiński,Lewandowski,Zieliński,Szymański,\
     Woźniak,Dąbrowski,Kozłowski,Jankowski,Mazur,Kwiatkowski,Krawczyk,Piotrowski,Grabowski,\
     Nowakowski,Pawłowski,Michalski,Nowicki,Adamczyk,Dudek,Zając,Wieczorek,Jabłoński,Król,\
     Majewski,Olszewski,Jaworski,Wróbel,Malinowski,Pawlak,Witkowski,Walczak,Stępień,Górski,\
     Rutkowski,Michalak,Sikora,Ostrowski,Baran,Duda",
];
