//! Names from Asia and Africa, as their bearers write them in Latin letters.

pub(super) const INDIAN: [&str; 3] = [
    "Priya,Anjali,Pooja,Neha,Divya,Sunita,Kavita,Lakshmi,Deepa,Aishwarya,Ananya,Diya,Ishita,\
     Meera,Radha,Sneha,Shreya,Nisha,Rekha,Geeta,Asha,Usha,Swati,Kiran,Ritu,Aditi,Tanvi,Padma,\
     Simran,Jaspreet",
    "Rahul,Amit,Raj,Vijay,Sanjay,Arjun,Rohan,Aarav,Vivaan,Aditya,Suresh,Ramesh,Rajesh,Anil,Sunil,\
     Manoj,Ravi,Krishna,Ganesh,Vikram,Harpreet,Gurpreet,Karthik,Nikhil,Siddharth,Pranav,Deepak,\
     Ashok,Mohammed,Imran",
    "Patel,Singh,Sharma,Kumar,Gupta,Shah,Kaur,Reddy,Iyer,Nair,Desai,Mehta,Joshi,Verma,Rao,Das,\
     Chatterjee,Banerjee,Mukherjee,Ghosh,Khan,Ali,Ahmed,Hussain,Begum,Agarwal,Kapoor,Malhotra,\
     Chopra,Bhatt,Pillai,Menon,Naidu,Mishra,Pandey,Tiwari,Yadav,Chauhan,Gill,Sandhu,Grewal,\
     Kulkarni",
];

pub(super) const TURKISH: [&str; 3] = [
    "Fatma,Ayşe,Emine,Hatice,Zeynep,Elif,Meryem,Şerife,Sultan,Zehra,Hanife,Merve,Özlem,Esra,\
     Büşra,Gül,Yasemin,Derya,Sevgi,Defne,Azra,Nehir,Ebru,Pınar,Selin,Tuğba,Aslı,Melek,Dilek,\
     Songül",
    "Mehmet,Mustafa,Ahmet,Ali,Hüseyin,Hasan,İbrahim,İsmail,Osman,Yusuf,Murat,Ömer,Ramazan,Halil,\
     Süleyman,Abdullah,Emre,Can,Burak,Kerem,Eymen,Fatih,Serkan,Hakan,Kemal,Cem,Deniz,Onur,Tolga,\
     Volkan",
    "Yılmaz,Kaya,Demir,Çelik,Şahin,Yıldız,Yıldırım,Öztürk,Aydın,Özdemir,Arslan,Doğan,Kılıç,\
     Aslan,Çetin,Kara,Koç,Kurt,Özkan,Şimşek,Polat,Korkmaz,Çakır,Erdoğan,Yavuz,Can,Acar,Şen,Aktaş,\
     Güler,Yalçın,Güneş,Bozkurt,Bulut,Keskin,Ünal,Turan,Gül,Özer,Işık,Avcı,Tekin",
];

pub(super) const CHINESE: [&str; 3] = [
    "Wei,Fang,Xiuying,Na,Min,Jing,Li,Yan,Xiaohong,Mei,Lan,Ting,Hui,Xue,Yu,Qian,Xin,Yuan,Lili,\
     Juan,Ying,Hong,Dan,Rui,Jia,Meiling,Yifei,Shuang,Zhen,Qiong",
    "Jun,Yong,Jie,Lei,Tao,Qiang,Peng,Hao,Ming,Chao,Gang,Bo,Bin,Feng,Jian,Kai,Long,Dong,Haoran,\
     Zihan,Yichen,Guowei,Zhiqiang,Xiaoming,Cheng,Liang,Sheng,Yang,Zhihao,Wenjie",
    "Wang,Li,Zhang,Liu,Chen,Yang,Huang,Zhao,Wu,Zhou,Xu,Sun,Ma,Zhu,Hu,Guo,He,Lin,Gao,Luo,Zheng,\
     Liang,Xie,Tang,Song,Deng,Han,Feng,Cao,Peng,Zeng,Xiao,Tian,Dong,Pan,Yuan,Cai,Jiang,Yu,Du,Ye,\
     Cheng,Ouyang",
];

pub(super) const NIGERIAN: [&str; 3] = [
    "Ngozi,Chidinma,Amaka,Funmilayo,Folake,Aisha,Fatima,Blessing,Chioma,Adaeze,Yetunde,Temitope,\
     Ifeoma,Zainab,Halima,Titilayo,Bukola,Kemi,Nneka,Uche,Simisola,Ronke,Adaobi,Hauwa,Omolara,\
     Ebele,Abimbola,Chiamaka,Damilola,Patience",
    "Chukwuemeka,Oluwaseun,Emeka,Ibrahim,Musa,Tunde,Segun,Femi,Chinedu,Obinna,Ikenna,Babatunde,\
     Kayode,Ade,Yusuf,Abubakar,Kelechi,Nnamdi,Ifeanyi,Olumide,Ayodele,Tochukwu,Sani,Uchenna,\
     Rotimi,Gbenga,Dayo,Chidi,Okechukwu,Godwin",
    "Okafor,Adeyemi,Okonkwo,Balogun,Eze,Nwosu,Adebayo,Ogunleye,Obi,Bello,Abubakar,Okoro,Onyango,\
     Ojo,Oyelaran,Adeleke,Nwachukwu,Olawale,Afolabi,Chukwu,Lawal,Sanni,Mohammed,Ibekwe,Uzoma,\
     Achebe,Soyinka,Adichie,Ogbonna,Akande,Fashola,Danjuma,Onwudiwe,Igwe,Nnadi,Oladipo,Aluko,\
     Ezekwesili,Akinola,Olatunji,Umeh",
];
